//! Loading and running: whole folders in, statements out.

#[cfg(test)]
mod example;
#[cfg(test)]
mod fixture;

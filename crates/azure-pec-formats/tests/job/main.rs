//! Loading and running: whole folders in, statements and tables out.

#[cfg(test)]
mod asking;
#[cfg(test)]
mod example;
#[cfg(test)]
mod fixture;
#[cfg(test)]
mod inspecting;
#[cfg(test)]
mod loading;
#[cfg(test)]
mod other_formats;
#[cfg(test)]
mod overlapping;
#[cfg(test)]
mod reconciling;
#[cfg(test)]
mod running;
#[cfg(test)]
mod tables;
#[cfg(test)]
mod tiers;
#[cfg(test)]
mod walking;
#[cfg(test)]
mod what_if;

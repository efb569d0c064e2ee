import pec from './index.js'

export const {
  Access, Calculator, Partner, PecError, Prices, explain, history, inspect, loadAccess, loadPartner, loadPrices, reconcile, statement,
} = pec

import pec from './index.js'

export const {
  Access, Calculator, Partner, PecError, Prices, advise, explain, history, inspect, loadAccess, loadPartner, loadPrices,
  reconcile, report, statement, whatIf,
} = pec

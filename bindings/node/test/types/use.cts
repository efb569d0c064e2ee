// CommonJS finds the same types.

import pec = require('azure-pec')

const calculator: pec.Calculator = new pec.Calculator({ policy: { deny: 'block' } })
const line: pec.UsageLine = { date: '2026-10-05', quantity: '1' }
calculator.evaluateLines([line]).then((credits: pec.Credit[]) => console.log(credits[0]?.credit))

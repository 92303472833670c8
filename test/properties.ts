import process from 'node:process'
import fc from 'fast-check'

// Properties try the same examples in every run, so that a failure is the change's and not the dice's.
// PROPERTY_SEED=random looks for new ones, any number repeats the run that fast-check reported with it.
const { PROPERTY_SEED: seed = '20260924' } = process.env
fc.configureGlobal(seed === 'random' ? {} : { seed: Number(seed) })

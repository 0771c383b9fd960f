/** Counts one connection of each of many clients, and tells the bytes for each and the processor time of a count. */
import type { Counters } from '@kong-ts/pdk'
import { LeasedCounters } from '../../../core/src/node/counters/leased-counters.ts'
import { Ledger } from '../../../core/src/node/counters/ledger.ts'
import { LocalCounters } from '../../../core/src/node/counters/local-counters.ts'
import { LocalLimiter } from '../../../plugins/rate-limiting/src/local-limiter.ts'
import { rulesOf, type Algorithm } from '../../../plugins/rate-limiting/src/rules.ts'

const [algorithm = 'fixed-window', where = 'one process'] = process.argv.slice(2)
const keys = 1_000_000

/** A worker and its supervisor, in one process: their memory together. */
function leased(): Counters {
  const ledger: Ledger = new Ledger((_, message) => worker.receive(message), Date)
  const worker = new LeasedCounters((message) => ledger.receive(1, message), Date)
  ledger.join(1)
  return worker
}

const counters = where === 'one process' ? new LocalCounters(Date) : leased()
// Nothing comes back while it is measured.
const limits = algorithm === 'token-bucket' ? { year: 1, burst: keys } : { year: keys }
const rules = rulesOf({ algorithm: algorithm as Algorithm, ...limits })
const limiter = new LocalLimiter(counters, Date, rules)
const name = (n: number): string => `ip:10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`

globalThis.gc?.()
const before = process.memoryUsage().heapUsed
for (let n = 0; n < keys; n++) await limiter.take(name(n))
globalThis.gc?.()
const bytes = (process.memoryUsage().heapUsed - before) / keys

const passes = Array.from({ length: 5 }, () => {
  const begun = process.cpuUsage()
  for (let n = 0; n < 200_000; n++) void limiter.take(name(n & 1023))
  const { user, system } = process.cpuUsage(begun)
  return ((user + system) * 1000) / 200_000
})
process.send?.({ bytes: Math.round(bytes), nanoseconds: Math.round(Math.min(...passes)) })

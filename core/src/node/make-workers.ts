import type { Boot } from './boot.ts'
import type { Bound } from './bind.ts'
import { Ledger } from './counters/ledger.ts'
import { LocalCounters } from './counters/local-counters.ts'
import type { MakeWorker } from './fleet.ts'
import { ForkedLink } from './forked-link.ts'
import { LocalLink } from './local-link.ts'
import type { ErrorLog } from './log.ts'
import type { ToWorker } from './rates/messages.ts'
import { RateLedger } from './rates/rate-ledger.ts'
import { startLater } from './start-later.ts'
import { createTransport } from './transport.ts'
import type { Upstreams } from './upstreams/upstreams.ts'

/** What makes workers for settings and listeners; what they count together outlives each of them. */
export type WorkersFor = (boot: Boot, bound: readonly Bound[]) => MakeWorker

/** A single worker lives in this process, several have one each. */
export function makeWorkers(slots: number, log: ErrorLog, upstreams: Upstreams): WorkersFor {
  return slots === 1 ? makeLocally(log, upstreams) : makeForked(upstreams)
}

function makeLocally(log: ErrorLog, upstreams: Upstreams): WorkersFor {
  const counters = new LocalCounters(Date)
  const links = new Map<number, LocalLink>()
  const rates = rateLedger((worker, message) => links.get(worker)?.tellRates(message))
  let made = 0
  return (boot, bound) => {
    const transport = createTransport(boot.settings.transport)
    return () => {
      const id = ++made
      const link: LocalLink = new LocalLink({
        boot,
        bound,
        counters,
        transport,
        log,
        upstreams: (message) => upstreams.receive(link, message),
        rates: (message) => rates.receive(id, message),
      })
      links.set(id, link)
      upstreams.join(link)
      void link.gone.then(() => {
        links.delete(id)
        rates.drop(id)
        upstreams.leave(link)
      })
      return link
    }
  }
}

function makeForked(upstreams: Upstreams): WorkersFor {
  const links = new Map<number, ForkedLink>()
  const ledger = new Ledger((worker, message) => links.get(worker)?.tellCounters(message), Date)
  const rates = rateLedger((worker, message) => links.get(worker)?.tellRates(message))
  let made = 0
  return (boot, bound) => (slot) => {
    const id = ++made
    const link: ForkedLink = new ForkedLink({
      boot,
      bound,
      slot,
      counters: (message) => ledger.receive(id, message),
      upstreams: (message) => upstreams.receive(link, message),
      rates: (message) => rates.receive(id, message),
    })
    links.set(id, link)
    ledger.join(id)
    upstreams.join(link)
    void link.heard.then(() => {
      links.delete(id)
      ledger.drop(id)
      rates.drop(id)
      upstreams.leave(link)
    })
    return link
  }
}

function rateLedger(send: (worker: number, message: ToWorker) => void): RateLedger {
  return new RateLedger({ clock: performance, later: startLater, send })
}

import type { Boot } from './boot.ts'
import type { Bound } from './bind.ts'
import { Ledger } from './counters/ledger.ts'
import { LocalCounters } from './counters/local-counters.ts'
import type { MakeWorker } from './fleet.ts'
import { ForkedLink } from './forked-link.ts'
import { LocalLink } from './local-link.ts'
import type { ErrorLog } from './log.ts'
import { createTransport } from './transport.ts'

/** What makes workers for settings and listeners; what they count together outlives each of them. */
export type WorkersFor = (boot: Boot, bound: readonly Bound[]) => MakeWorker

/** A single worker lives in this process, several have one each. */
export function makeWorkers(slots: number, log: ErrorLog): WorkersFor {
  return slots === 1 ? makeLocally(log) : makeForked()
}

function makeLocally(log: ErrorLog): WorkersFor {
  const counters = new LocalCounters(Date)
  return (boot, bound) => {
    const transport = createTransport(boot.settings.transport)
    return () => new LocalLink({ boot, bound, counters, transport, log })
  }
}

function makeForked(): WorkersFor {
  const links = new Map<number, ForkedLink>()
  const ledger = new Ledger((worker, message) => links.get(worker)?.tell(message), Date)
  let made = 0
  return (boot, bound) => (slot) => {
    const id = ++made
    const link = new ForkedLink({
      boot,
      bound,
      slot,
      counters: (message) => ledger.receive(id, message),
    })
    links.set(id, link)
    ledger.join(id)
    void link.heard.then(() => {
      links.delete(id)
      ledger.drop(id)
    })
    return link
  }
}

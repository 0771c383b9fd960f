import type { Boot } from './boot.ts'
import type { Bound } from './bind.ts'
import { Ledger } from '../counters/ledger.ts'
import { LocalCounters } from '../counters/local-counters.ts'
import type { MakeWorker } from './fleet.ts'
import { ForkedLink } from './forked-link.ts'
import { LocalLink } from './local-link.ts'
import type { KitDesk } from '../kit/kit-desk.ts'
import type { ErrorLog } from '../logs/log.ts'
import type { Figures } from '../metrics/figures.ts'
import { createTransport } from '../transport.ts'
import type { Upstreams } from '../upstreams/upstreams.ts'

/** What makes workers for settings and listeners; what they count together outlives each of them. */
export type WorkersFor = (boot: Boot, bound: readonly Bound[]) => MakeWorker

/** A single worker lives in this process, several have one each. */
export function makeWorkers(
  slots: number,
  log: ErrorLog,
  upstreams: Upstreams,
  kit: KitDesk,
  figures: Figures,
): WorkersFor {
  return slots === 1
    ? makeLocally(log, upstreams, kit, figures)
    : makeForked(upstreams, kit, figures)
}

function makeLocally(
  log: ErrorLog,
  upstreams: Upstreams,
  kit: KitDesk,
  figures: Figures,
): WorkersFor {
  const counters = new LocalCounters(Date)
  return (boot, bound) => {
    const transport = createTransport(boot.settings.transport)
    return () => {
      const link: LocalLink = new LocalLink({
        boot,
        bound,
        counters,
        transport,
        log,
        upstreams: (message) => upstreams.receive(link, message),
        kit: (message) => kit.receive(link, message),
        figures: (message) => figures.receive(link, message),
      })
      upstreams.join(link)
      kit.join(link)
      figures.join(link)
      void link.gone.then(() => {
        upstreams.leave(link)
        kit.leave(link)
        figures.leave(link)
      })
      return link
    }
  }
}

function makeForked(upstreams: Upstreams, kit: KitDesk, figures: Figures): WorkersFor {
  const links = new Map<number, ForkedLink>()
  const ledger = new Ledger((worker, message) => links.get(worker)?.tellCounters(message), Date)
  let made = 0
  return (boot, bound) => (slot) => {
    const id = ++made
    const link: ForkedLink = new ForkedLink({
      boot,
      bound,
      slot,
      counters: (message) => ledger.receive(id, message),
      upstreams: (message) => upstreams.receive(link, message),
      kit: (message) => kit.receive(link, message),
      figures: (message) => figures.receive(link, message),
    })
    links.set(id, link)
    ledger.join(id)
    upstreams.join(link)
    kit.join(link)
    figures.join(link)
    void link.heard.then(() => {
      links.delete(id)
      ledger.drop(id)
      upstreams.leave(link)
      kit.leave(link)
      figures.leave(link)
    })
    return link
  }
}

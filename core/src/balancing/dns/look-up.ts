import type { QueryType } from '../../settings/dns-values.ts'
import type { Ask } from './ask.ts'
import type { Clock } from './clock.ts'
import { findAddresses, type Family } from './find-addresses.ts'
import { findPlaces } from './find-places.ts'
import { lessSure, type Outcome } from './outcome.ts'
import { type Search, spellings } from './spellings.ts'

/** What is asked for at the same time: places, or addresses of one family or both. */
export type Step = 'SRV' | readonly Family[]

/** What a name had, and by which step. */
export interface LookedUp {
  readonly outcome: Outcome
  readonly step: Step | undefined
}

/** Asks for a name. @param last the step that found something the last time. Never rejects. */
export type LookUp = (host: string, last: Step | undefined) => Promise<LookedUp>

export interface LookUpDeps {
  readonly ask: Ask
  readonly clock: Clock
  readonly order: readonly QueryType[]
  readonly search: () => Search
  /** Milliseconds that one look-up may take, whatever it leads to. */
  readonly patience: () => number
  /** What is known without asking. */
  readonly local: (name: string) => Outcome | undefined
}

/** Looks names up in the given order: all that a host may stand for in one step, then in the next. */
export function createLookUp(deps: LookUpDeps): LookUp {
  const { ask, clock, order, search, patience, local } = deps
  const steps = stepsOf(order)
  const families = familiesOf(order)
  const resolve = async (name: string, signal: AbortSignal): Promise<Outcome> =>
    local(name) ?? (await findAddresses({ ask, clock }, { name, families }, signal))

  const take = (step: Step, name: string, signal: AbortSignal): Promise<Outcome> =>
    step === 'SRV'
      ? findPlaces({ ask, resolve }, name, signal)
      : findAddresses({ ask, clock }, { name, families: step }, signal)

  const walk = async (
    names: readonly string[],
    last: Step | undefined,
    signal: AbortSignal,
  ): Promise<LookedUp> => {
    let missed: Outcome | undefined
    for (const step of inTurn(steps, last)) {
      for (const name of names) {
        const outcome = await take(step, name, signal)
        if (outcome.is === 'found') return { outcome, step }
        missed = lessSure(missed, outcome)
        // What was not answered is not answered under another name, either.
        if (outcome.is === 'failed' && outcome.isSilent === true) break
      }
    }
    return { outcome: missed ?? { is: 'none', error: 'it cannot be a name' }, step: undefined }
  }

  return async (host, last) => {
    const known = local(host)
    if (known) return { outcome: known, step: undefined }
    const late = new AbortController()
    const stop = clock.after(patience(), () => late.abort())
    try {
      return await walk(spellings(host, search()), last, late.signal)
    } finally {
      stop()
    }
  }
}

/** `LAST` is a place in the order; A and AAAA beside each other are one step. CNAME records are followed in each. */
function stepsOf(order: readonly QueryType[]): readonly ('LAST' | Step)[] {
  const steps: ('LAST' | Step)[] = []
  for (const type of order.filter((word) => word !== 'CNAME')) {
    const before = steps.at(-1)
    if (type === 'LAST' || type === 'SRV') steps.push(type)
    else if (Array.isArray(before)) steps.splice(-1, 1, [...new Set<Family>([...before, type])])
    else steps.push([type])
  }
  return steps
}

function inTurn(steps: readonly ('LAST' | Step)[], last: Step | undefined): ReadonlySet<Step> {
  return new Set(
    steps.flatMap((step) => (step !== 'LAST' ? [step] : last === undefined ? [] : [last])),
  )
}

/** Those of the targets of SRV records, which are asked for even where the order has SRV alone. */
export function familiesOf(order: readonly QueryType[]): readonly Family[] {
  const families = (['A', 'AAAA'] as const).filter((family) => order.includes(family))
  return families.length > 0 ? families : ['A', 'AAAA']
}

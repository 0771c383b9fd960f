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
  /** A step before this one was not answered: it might have been the one. */
  readonly isUnsure?: boolean
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

/** Milliseconds that a step may take while there is another one, unless it is what the name had the last time. */
const stepPatience = 2000

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

  const takeAny = async (
    step: Step,
    names: readonly string[],
    signal: AbortSignal,
  ): Promise<Outcome> => {
    let missed: Outcome | undefined
    for (const name of names) {
      const outcome = await take(step, name, signal)
      // What was not answered is not answered under another name, either.
      if (outcome.is === 'found' || isSilence(outcome)) return outcome
      missed = lessSure(missed, outcome)
    }
    return missed ?? { is: 'none', error: 'it cannot be a name' }
  }

  const walk = async (
    names: readonly string[],
    last: Step | undefined,
    signal: AbortSignal,
  ): Promise<LookedUp> => {
    let missed: Outcome | undefined
    let isUnsure = false
    const all = [...inTurn(steps, last)]
    for (const step of all) {
      const isHurried = step !== last && step !== all.at(-1)
      const outcome = await within(isHurried, signal, (limit) => takeAny(step, names, limit))
      if (outcome.is === 'found') return { outcome, step, isUnsure }
      if (isSilence(outcome)) isUnsure = true
      missed = lessSure(missed, outcome)
    }
    return { outcome: missed ?? { is: 'none', error: 'it cannot be a name' }, step: undefined }
  }

  /** There are servers that never answer to types that they do not know. */
  const within = async (
    isHurried: boolean,
    signal: AbortSignal,
    work: (signal: AbortSignal) => Promise<Outcome>,
  ): Promise<Outcome> => {
    if (!isHurried) return work(signal)
    const late = new AbortController()
    const stop = clock.after(stepPatience, () => late.abort())
    try {
      return await work(AbortSignal.any([signal, late.signal]))
    } finally {
      stop()
    }
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

function isSilence(outcome: Outcome): boolean {
  return outcome.is === 'failed' && outcome.isSilent === true
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

import { isIP } from 'node:net'
import type { Located } from '../names.ts'
import type { Ask } from './ask.ts'
import { followChain } from './chain.ts'
import { findRecords, leastOf, recordsOf, type Records } from './find-records.ts'
import type { Place } from './records.ts'
import { inOrder, lessSure, type Outcome } from './outcome.ts'

/** Targets that are asked for at the same time. */
const together = 8

/** The addresses of one target. */
export type Resolve = (target: string, signal: AbortSignal) => Promise<Outcome>

/** Where the SRV records of a name lead (RFC 2782), of which only the group that comes first is used. */
export async function findPlaces(
  { ask, resolve }: { readonly ask: Ask; readonly resolve: Resolve },
  name: string,
  signal: AbortSignal,
): Promise<Outcome> {
  const answer = await findRecords(ask, { name, type: 'SRV' }, signal)
  if (answer.is !== 'found') return answer
  const places = firstGroup(answer.records.map(({ data }) => data))
  if (places.length === 0)
    return { is: 'none', error: 'the SRV record says that there is no service' }
  const targets = new Set(places.map(({ target }) => target))
  const known = await resolveEach(targets, (target) => {
    return glueOf(answer, target) ?? resolve(target, signal)
  })
  const outcomes = [...known.values()]
  const ttls = outcomes.flatMap((outcome) => (outcome.is === 'found' ? [outcome.ttl] : []))
  // What could not be resolved is left out, as long as there is anything else.
  if (ttls.length === 0) return outcomes.reduce(lessSure)
  return {
    is: 'found',
    type: 'SRV',
    addresses: inOrder(places.flatMap((place) => locate(place, known.get(place.target)))),
    ttl: ttls.reduce((least, ttl) => Math.min(least, ttl), answer.ttl),
  }
}

/** The places of the lowest priority; a target of `.` is none. */
function firstGroup(all: readonly Place[]): readonly Place[] {
  const places = all.filter(({ target }) => target !== '')
  const first = places.reduce((least, { priority }) => Math.min(least, priority), Infinity)
  return places.filter(({ priority }) => priority === first)
}

function locate({ port, weight, target }: Place, outcome: Outcome | undefined): readonly Located[] {
  if (outcome?.is !== 'found') return []
  return outcome.addresses.map(({ ip }) => {
    return { ip, ...(port !== 0 && { port }), weight: Math.max(1, weight), name: target }
  })
}

/** The addresses that came along with the answer. */
function glueOf(
  { additionals }: Extract<Records<'SRV'>, { is: 'found' }>,
  target: string,
): Outcome | undefined {
  if (isIP(target) !== 0) return found([{ ip: target }], Infinity)
  const chain = followChain(additionals, target)
  if (!chain) return undefined
  const records = recordsOf(additionals, chain.name, ['A', 'AAAA'])
  if (records.length === 0) return undefined
  return found(
    records.map(({ data }) => ({ ip: data })),
    leastOf(chain.ttl, records),
  )
}

function found(addresses: readonly Located[], ttl: number): Outcome {
  return { is: 'found', type: 'A', addresses, ttl }
}

async function resolveEach(
  targets: ReadonlySet<string>,
  resolve: (target: string) => Outcome | Promise<Outcome>,
): Promise<ReadonlyMap<string, Outcome>> {
  const known = new Map<string, Outcome>()
  // All of them take from the same list.
  const waiting = targets.values()
  const work = async (): Promise<void> => {
    for (const target of waiting) known.set(target, await resolve(target))
  }
  await Promise.all(Array.from({ length: together }, work))
  return known
}

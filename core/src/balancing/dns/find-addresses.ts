import type { Ask } from './ask.ts'
import type { Clock } from './clock.ts'
import { findRecords, type Records } from './find-records.ts'
import { inOrder, lessSure, type Found, type Outcome } from './outcome.ts'

export type Family = 'A' | 'AAAA'

/**
 * Milliseconds that the other family has once the addresses of one are known. There are servers that never answer
 * to AAAA, and nobody is to wait for them.
 */
const patience = 500

/** The addresses of a name, of both families at once where both are asked for. */
export async function findAddresses(
  { ask, clock }: { readonly ask: Ask; readonly clock: Clock },
  { name, families }: { readonly name: string; readonly families: readonly Family[] },
  signal: AbortSignal,
): Promise<Outcome> {
  const late = new AbortController()
  let stop: (() => void) | undefined
  const either = AbortSignal.any([signal, late.signal])
  const answers = await Promise.all(
    families.map(async (type) => {
      const answer = await findRecords<Family>(ask, { name, type }, either)
      if (answer.is === 'found') stop ??= clock.after(patience, () => late.abort())
      return answer
    }),
  )
  stop?.()
  return together(answers)
}

function together(answers: readonly Records<Family>[]): Outcome {
  let missed: Outcome | undefined
  const found: Found[] = []
  for (const answer of answers) {
    if (answer.is !== 'found') {
      missed = lessSure(missed, answer)
      continue
    }
    const addresses = answer.records.map(({ data }) => ({ ip: data }))
    const type = answer.records[0]?.type ?? 'A'
    found.push({ is: 'found', type, addresses, ttl: answer.ttl })
  }
  if (found.length === 0) return missed ?? { is: 'none', error: 'nothing was asked for' }
  return {
    is: 'found',
    type: found.some(({ type }) => type === 'A') ? 'A' : 'AAAA',
    addresses: inOrder(found.flatMap(({ addresses }) => addresses)),
    ttl: Math.min(...found.map(({ ttl }) => ttl)),
  }
}

import type { Delta } from '../../entities/rows.ts'
import { Veto, type WorkerLink } from './worker-link.ts'

/**
 * Has every worker prepare a change; answers with those that did. One that dies or hangs is dismissed and has no
 * veto, unless no other is left.
 * @throws Veto with what the worker said; then nothing is prepared
 */
export async function prepareAll(
  links: readonly WorkerLink[],
  delta: Delta,
  dismiss: (link: WorkerLink, why: unknown) => void,
): Promise<readonly WorkerLink[]> {
  const ready: WorkerLink[] = []
  const vetoes: Veto[] = []
  await Promise.all(
    links.map(async (link) => {
      try {
        await link.prepare(delta)
        ready.push(link)
      } catch (error) {
        if (error instanceof Veto) vetoes.push(error)
        else dismiss(link, error)
      }
    }),
  )
  const [veto] = vetoes
  if (!veto && ready.length > 0) return ready
  for (const link of ready) link.discard()
  throw veto ?? new Veto('no worker could prepare the change; see the error log')
}

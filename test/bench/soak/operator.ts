import { setTimeout as pause } from 'node:timers/promises'
import type { Gateway } from '../gateway.ts'

/** Milliseconds between two changes. */
const between = 500

/** Changes plugins and routes for as long as it is told, one after the other; answers with how many changes it made. */
export async function operate(gateway: Gateway, isOver: () => boolean): Promise<number> {
  const plugin = '/routes/echo/plugins/00000000-0000-4000-8000-00000000000a'
  const limit = (hour: number): object => ({ name: 'rate-limiting', config: { hour } })
  const range = { name: 'ip-restriction', config: { allow: ['127.0.0.0/8'] } }
  const guard = '/services/echo/plugins/00000000-0000-4000-8000-00000000000b'
  const steps: readonly ((turn: number) => Promise<void>)[] = [
    (turn) => gateway.write('PUT', plugin, limit(100_000_000 + turn)),
    () => gateway.write('PUT', guard, range),
    (turn) => gateway.write('PATCH', '/routes/ends', { tags: [`turn${turn}`] }),
    (turn) => gateway.write('PATCH', plugin, { config: { hour: 200_000_000 + turn } }),
    () => gateway.write('DELETE', guard),
    () => gateway.write('DELETE', plugin),
  ]
  let turn = 0
  // The last round is finished, so that the next one finds things as they were.
  for (; !isOver() || turn % steps.length !== 0; turn++) {
    await steps[turn % steps.length]?.(turn)
    if (!isOver()) await pause(between)
  }
  return turn
}

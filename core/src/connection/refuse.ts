import type { Awaitable, Rejection } from '@kong-ts/pdk'
import type { Answer } from '../pipeline/walk.ts'
import { after } from './after.ts'
import { Ended, rejectedBy } from './ended.ts'
import { secure } from './phases/secure.ts'

/** A refusal before TLS: one whose words belong inside comes after the handshake, where the gateway ends TLS. */
export function refuse(
  verdict: Answer<Rejection>,
  routed: Parameters<typeof secure>[0],
): Awaitable<Ended> {
  const ended = rejectedBy(verdict)
  if (verdict.value.overTls !== true || routed.protocol !== 'tls') return ended
  const say = (secured: object): Ended => {
    if (secured instanceof Ended) return secured
    // A plugin has decided that TLS passes: nobody would understand the words.
    return routed.session.seen.tls ? ended : new Ended(ended.ending, ended.reason)
  }
  return after(secure(routed), say)
}

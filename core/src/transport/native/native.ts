import type { Transport } from '../transport.ts'
import type { Addon } from './addon.ts'
import { NativeAllowance } from './allowance.ts'
import { connect } from './connect.ts'
import { hubOf } from './hub.ts'
import { listen } from './listen.ts'
import { nobody } from './native-socket.ts'

/** The transport of the addon: bytes move without JavaScript where nothing has to see them. */
export function createNativeTransport(addon: Addon): Transport {
  return {
    name: 'native',
    listen: (options, accept) => listen(hubOf(addon), options, accept),
    allowance: (low, hear) => new NativeAllowance(hubOf(addon), low, hear),
    connect: (target, options) => connect(hubOf(addon), nobody, target, options),
  }
}

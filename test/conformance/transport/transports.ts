import { writeSync } from 'node:fs'
import { loadAddon } from '../../../core/src/transport/native/addon.ts'
import { createNativeTransport } from '../../../core/src/transport/native/native.ts'
import { createPortableTransport } from '../../../core/src/transport/portable/portable.ts'
import type { Transport } from '../../../core/src/transport/transport.ts'

/** The native transport; empty, with the reason printed, where its addon is not built. */
function native(): readonly Transport[] {
  const addon = loadAddon(process.env['TRANSPORT_ADDON'])
  if (!('missing' in addon)) return [createNativeTransport(addon)]
  writeSync(2, `the native transport is not tried: ${addon.missing}\n`)
  return []
}

/** Every implementation of the seam that runs on this machine. */
export const transports: readonly Transport[] = [createPortableTransport(), ...native()]

import { writeSync } from 'node:fs'
import {
  loadAddon,
  loadAddonFrom,
  type Addon,
  type Missing,
} from '../../../core/src/transport/native/addon.ts'
import { createNativeTransport } from '../../../core/src/transport/native/native.ts'
import { addonPath } from '../../../core/src/transport/native/sources.mjs'
import { createPortableTransport } from '../../../core/src/transport/portable/portable.ts'
import type { Transport } from '../../../core/src/transport/transport.ts'

/** What the tests try: what the install has built, or a variant that is named. */
export function loadTestAddon(): Addon | Missing {
  const path = process.env['TRANSPORT_ADDON']
  return path === undefined ? loadAddon() : loadAddonFrom(path)
}

/** A native transport; empty, with the reason printed, where its addon cannot be used. */
function native(addon: Addon | Missing): readonly Transport[] {
  if (!('missing' in addon)) return [createNativeTransport(addon)]
  writeSync(2, `the native transport is not tried: ${addon.missing}\n`)
  return []
}

/** Every implementation of the seam that runs on this machine. */
export const transports: readonly Transport[] = [
  createPortableTransport(),
  ...native(loadTestAddon()),
]

/** The native one that leaves TLS to Node. */
export const handingOver: readonly Transport[] = native(loadAddonFrom(addonPath('plain')))

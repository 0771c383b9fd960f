import type { Settings } from '../settings/schema.ts'
import { loadAddon } from '../transport/native/addon.ts'
import { createNativeTransport } from '../transport/native/native.ts'
import { createPortableTransport } from '../transport/portable/portable.ts'
import type { Transport } from '../transport/transport.ts'

interface Choice {
  readonly transport: Transport
  /** As an operator reads it: with the reason where `auto` could not take the native one. */
  readonly name: string
}

/** @throws when the transport that is asked for cannot run here */
export function chooseTransport(wanted: Settings['transport'], load = loadAddon): Choice {
  if (wanted === 'portable') return named(createPortableTransport())
  const addon = load()
  if (!('missing' in addon)) return named(createNativeTransport(addon))
  const { missing } = addon
  if (wanted === 'native') throw new Error(`transport = native cannot be used: ${missing}`)
  return named(createPortableTransport(), missing)
}

export function createTransport(wanted: Settings['transport']): Transport {
  return chooseTransport(wanted).transport
}

function named(transport: Transport, missing?: string): Choice {
  const { name } = transport
  return { transport, name: missing === undefined ? name : `${name} (not native: ${missing})` }
}

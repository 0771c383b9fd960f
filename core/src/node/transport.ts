import type { Settings } from '../settings/schema.ts'
import { loadAddon, whyNoTls } from '../transport/native/addon.ts'
import { createNativeTransport } from '../transport/native/native.ts'
import { createPortableTransport } from '../transport/portable/portable.ts'
import type { Transport } from '../transport/transport.ts'

interface Choice {
  readonly transport: Transport
  /** As an operator reads it: with the reason where not all is native that could be. */
  readonly name: string
}

/** @throws when the transport that is asked for cannot run here */
export function chooseTransport(wanted: Settings['transport'], load = loadAddon): Choice {
  if (wanted === 'portable') return named(createPortableTransport())
  const addon = load()
  if (!('missing' in addon)) {
    return named(createNativeTransport(addon), 'TLS by Node', whyNoTls(addon))
  }
  const { missing } = addon
  if (wanted === 'native') throw new Error(`transport = native cannot be used: ${missing}`)
  return named(createPortableTransport(), 'not native', missing)
}

export function createTransport(wanted: Settings['transport']): Transport {
  return chooseTransport(wanted).transport
}

function named(transport: Transport, lack = '', reason?: string): Choice {
  const { name } = transport
  return { transport, name: reason === undefined ? name : `${name} (${lack}: ${reason})` }
}

import { createPortableTransport } from '../transport/portable/portable.ts'
import type { Settings } from '../settings/schema.ts'
import type { Transport } from '../transport/transport.ts'

/** @throws when the transport that is asked for cannot run here */
export function createTransport(wanted: Settings['transport']): Transport {
  if (wanted === 'native')
    throw new Error('transport = native is not there yet; use auto or portable')
  return createPortableTransport()
}

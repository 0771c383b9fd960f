import { createPortableTransport } from '../../../core/src/transport/portable/portable.ts'
import type { Transport } from '../../../core/src/transport/transport.ts'

/** Every implementation of the seam that runs on this machine. */
export const transports: readonly Transport[] = [createPortableTransport()]

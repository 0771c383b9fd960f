import type { Schema } from '@kong-ts/pdk'
import { beyondKong } from './beyond-kong.ts'

function flag(description: string) {
  return { type: 'boolean', description } as const
}

/** The PROXY header that an upstream is sent before anything else. */
export const proxyProtocol = {
  proxy_protocol: beyondKong({
    type: 'string',
    enum: ['v1', 'v2'],
    description: 'The version of the PROXY header that tells the upstream who the client is.',
  }),
  proxy_protocol_tlvs: beyondKong({
    type: 'object',
    description: 'What a PROXY header of version 2 tells beside the addresses.',
    properties: {
      authority: flag('The server name that the client asked for.'),
      alpn: flag('The application protocol that was agreed on.'),
      ssl: flag('Whether and how the client speaks TLS.'),
      unique_id: flag('The id of the connection, as in the log.'),
      crc32c: flag('A checksum of the header.'),
      custom: {
        type: 'object',
        additionalProperties: { type: 'string' },
        description:
          'Texts by the type of their TLV, 0xE0 to 0xEF: {"0xE4": "text"}; 1024 bytes at most.',
      },
    },
  }),
} as const satisfies Readonly<Record<string, Schema>>

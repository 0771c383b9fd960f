import { definePlugin, type Infer, type Phases, type Plugin } from '@kong-ts/pdk'
import { digest } from './digest.ts'

/** What a case may tell its plugin; a plugin takes what it needs. */
const schema = {
  type: 'object',
  properties: {
    from: { type: 'string', description: 'the only client that phase accept means' },
    host: { type: 'string' },
    port: { type: 'integer' },
    count: { type: 'integer' },
    ca: { type: 'string' },
  },
} as const

export type SmallConfig = Infer<typeof schema>

/**
 * A plugin of the table. It logs how its connections end. An instance for phase accept is global and meets the
 * connections of every case: it minds only those of its own.
 */
export function smallPlugin(name: string, phases: Phases<SmallConfig, undefined>): Plugin {
  return definePlugin<typeof schema>({
    name,
    version: '1.0.0',
    priority: 100,
    schema,
    phases: {
      log: (summary, { config, log }) => {
        if (config.from === undefined || config.from === summary.client.address) {
          log.info({ digest: digest(summary) }, 'it ended')
        }
      },
      ...phases,
      ...(phases.accept && {
        accept: (conn, self) =>
          conn.client.address === self.config.from ? phases.accept?.(conn, self) : undefined,
      }),
    },
  })
}

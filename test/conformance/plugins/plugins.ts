import { definePlugin, type Plugin } from '@kong-ts/pdk'
import { digest } from './digest.ts'
import { balancing, deciding } from './choosing.ts'
import { looking } from './looking.ts'
import { answeringOddly, rejecting, throwing } from './refusing.ts'
import { shaping } from './shaping.ts'
import { smallPlugin } from './small-plugin.ts'
import { speaking } from './speaking.ts'

/** Enabled globally, last of all: tells how every connection ended, as the phase log is told. */
const witness = definePlugin({
  name: 'witness',
  version: '1.0.0',
  priority: -1000,
  schema: { type: 'object', properties: {} },
  phases: {
    log: (summary, { log }) =>
      log.info(
        { from: summary.client.address, id: summary.id, digest: digest(summary) },
        'witness',
      ),
  },
})

/** The plugins that were written for the table, by name. */
export const plugins: ReadonlyMap<string, Plugin> = new Map(
  [
    smallPlugin('idle', {}),
    witness,
    ...rejecting,
    ...throwing,
    ...answeringOddly,
    ...looking,
    ...deciding,
    ...balancing,
    ...shaping,
    ...speaking,
  ].map((plugin) => [plugin.name, plugin]),
)

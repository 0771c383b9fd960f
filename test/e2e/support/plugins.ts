import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Writes a plugin whose `setup` is the given statement; answers its path. */
export function writePlugin(folder: string, name: string, setup = ''): string {
  const path = join(folder, `${name}.ts`)
  writeFileSync(
    path,
    `import { definePlugin } from '@kong-ts/pdk'
import { closeSync, openSync } from 'node:fs'

/** True for the first that asks, over all processes. */
function isFirst(): boolean {
  try {
    closeSync(openSync(${JSON.stringify(join(folder, 'first'))}, 'wx'))
    return true
  } catch {
    return false
  }
}

export default definePlugin({
  name: '${name}',
  version: '1.0.0',
  priority: 5,
  schema: { type: 'object', properties: { word: { type: 'string', default: '' } } },
  async setup({ config, log }) {
    void isFirst
    void [config, log]
    ${setup}
  },
  phases: { preread() {} },
})
`,
  )
  return path
}

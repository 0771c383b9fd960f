import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Command } from 'commander'
import { toolFolder } from './checkout.ts'
import type { CommandContext } from './world.ts'

const config = fileURLToPath(new URL('plugin-tests.config.ts', import.meta.url))

export function addTest(plugins: Command, { world, finish }: CommandContext): void {
  plugins
    .command('test')
    .description("runs a plugin's tests, without a gateway")
    .argument('[folder]', 'the folder of the plugin', '.')
    .option('--watch', 'run them again whenever a file is saved')
    .action(async (folder: string, { watch }: { readonly watch?: boolean }) => {
      const root = resolve(world.cwd, folder)
      if (!statSync(root, { throwIfNoEntry: false })?.isDirectory()) {
        throw new Error(`there is no folder ${root}`)
      }
      const runner = join(toolFolder('vitest'), 'vitest.mjs')
      const args = [runner, watch === true ? 'watch' : 'run', '--root', root, '--config', config]
      const child = spawn(process.execPath, args, { cwd: root, stdio: 'inherit' })
      const ends = (['SIGINT', 'SIGTERM'] as const).map((signal) =>
        world.onSignal(signal, () => child.kill(signal)),
      )
      const [code]: (number | string | null)[] = await once(child, 'exit')
      for (const end of ends) end()
      finish(typeof code === 'number' ? code : 1)
    })
}

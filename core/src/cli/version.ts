import type { Command } from 'commander'
import manifest from '../../package.json' with { type: 'json' }
import type { CommandContext } from './world.ts'

export function addVersion(program: Command, { world }: CommandContext): void {
  program
    .command('version')
    .description('print the version')
    .option('-a, --all', 'and those of what it runs on')
    .action(({ all }: { readonly all?: boolean }) => {
      world.terminal.write(all === true ? everyVersion() : manifest.version)
    })
}

function everyVersion(): string {
  const { node, openssl, sqlite, v8 } = process.versions
  return [
    `kong-ts: ${manifest.version}`,
    `Node.js: ${node}`,
    `OpenSSL: ${openssl}`,
    `SQLite: ${sqlite}`,
    `V8: ${v8}`,
  ].join('\n')
}

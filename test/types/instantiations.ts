import { execFileSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { compiler, root, scratch } from './pdk-api.ts'

/** How often the compiler fills in a generic type to check a file and what it imports. */
export function instantiations(file: string): number {
  const folder = scratch('instantiations-')
  try {
    return instantiationsBy(join(folder, 'tsconfig.json'), file)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** The same of a file that imports the PDK and does nothing: what every plugin needs. */
export function instantiationsOfNothing(): number {
  const folder = scratch('instantiations-')
  try {
    const file = join(folder, 'empty.ts')
    writeFileSync(file, "import '@kong-ts/pdk'\n")
    return instantiationsBy(join(folder, 'tsconfig.json'), file)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function instantiationsBy(config: string, file: string): number {
  const settings = {
    extends: join(root, 'tsconfig.json'),
    compilerOptions: { incremental: false, noEmit: true },
    files: [file],
    include: [],
  }
  writeFileSync(config, JSON.stringify(settings))
  const args = [compiler, '-p', config, '--extendedDiagnostics', '--singleThreaded']
  const said = execFileSync(process.execPath, args, { encoding: 'utf8' })
  return Number(/^Instantiations:\s+(\d+)$/m.exec(said)?.[1])
}

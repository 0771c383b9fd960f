import { execFileSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor'

export const root = fileURLToPath(new URL('../../', import.meta.url))
const pdk = join(root, 'pdk')
export const compiler = join(
  dirname(createRequire(import.meta.url).resolve('@typescript/native/package.json')),
  'bin/tsc',
)

/** A folder inside the checkout, so that imports are found, and where nobody looks for sources. */
export function scratch(name: string): string {
  const ignored = join(root, '.kong-ts')
  mkdirSync(ignored, { recursive: true })
  return mkdtempSync(join(ignored, name))
}

/** What plugins are written against, and the kit that they are tested with. */
const entries = { 'pdk.api.md': 'src/index', 'pdk-testing.api.md': 'src/testing/index' } as const

export interface Contract {
  /** Under `pdk/`. */
  readonly file: string
  readonly isChanged: boolean
}

/**
 * Holds the contract of the PDK, as its sources declare it, against the files in which it is written down.
 * @param write bring the files up to date
 */
export function compareContract(write: boolean): readonly Contract[] {
  const folder = mkdtempSync(join(tmpdir(), 'pdk-api-'))
  try {
    declare(folder)
    return Object.entries(entries).map(([file, entry]) => {
      const isChanged = extract({ folder, file, entry })
      const report = join(folder, 'temp', file)
      if (write && existsSync(report)) copyFileSync(report, join(pdk, file))
      return { file, isChanged }
    })
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** The declarations alone, in a package of their own. */
function declare(folder: string): void {
  const settings = {
    extends: join(root, 'tsconfig.json'),
    compilerOptions: {
      noEmit: false,
      declaration: true,
      emitDeclarationOnly: true,
      rewriteRelativeImportExtensions: true,
      allowImportingTsExtensions: false,
      rootDir: pdk,
      outDir: folder,
      typeRoots: [join(root, 'node_modules/@types')],
    },
    files: Object.values(entries).map((entry) => join(pdk, `${entry}.ts`)),
    include: [],
  }
  const config = join(folder, 'tsconfig.json')
  writeFileSync(config, JSON.stringify(settings))
  execFileSync(process.execPath, [compiler, '-p', config])
  copyFileSync(join(pdk, 'package.json'), join(folder, 'package.json'))
}

interface Extraction {
  readonly folder: string
  readonly file: string
  readonly entry: string
}

function extract({ folder, file, entry }: Extraction): boolean {
  const config = ExtractorConfig.prepare({
    configObject: {
      projectFolder: folder,
      mainEntryPointFilePath: join(folder, `${entry}.d.ts`),
      compiler: { overrideTsconfig: { extends: join(root, 'tsconfig.json'), include: [folder] } },
      apiReport: {
        enabled: true,
        reportFileName: file,
        reportFolder: pdk,
        reportTempFolder: join(folder, 'temp'),
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: {
        compilerMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
        extractorMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
        tsdocMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
      },
    },
    configObjectFullPath: undefined,
    packageJsonFullPath: join(folder, 'package.json'),
  })
  return Extractor.invoke(config, { localBuild: false, messageCallback: silence }).apiReportChanged
}

/** What it has to say is told by the comparison. */
function silence(message: { handled: boolean }): void {
  message.handled = true
}

if (import.meta.main) {
  for (const { file, isChanged } of compareContract(true)) {
    process.stdout.write(`pdk/${file}: ${isChanged ? 'written anew' : 'as it was'}\n`)
  }
}

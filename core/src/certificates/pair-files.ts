import { open, readFile, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { messageOf } from '../errors/message-of.ts'
import { checkKeyPairs } from './key-pairs.ts'
import type { CertifiedKey } from './self-signed.ts'

/** What `PATH.crt` and `PATH.key` hold. */
export type PairOnDisk =
  | { readonly state: 'absent' }
  | { readonly state: 'whole'; readonly pair: CertifiedKey }
  | { readonly state: 'broken'; readonly why: string }

/** @throws when a file is there and cannot be read */
export async function readPair(path: string): Promise<PairOnDisk> {
  const [cert, key] = await Promise.all([readIfThere(`${path}.crt`), readIfThere(`${path}.key`)])
  if (cert === undefined && key === undefined) return { state: 'absent' }
  if (cert === undefined) return { state: 'broken', why: `${path}.crt is missing` }
  if (key === undefined) return { state: 'broken', why: `${path}.key is missing` }
  try {
    checkKeyPairs([{ cert, key }])
    return { state: 'whole', pair: { cert, key } }
  } catch (error) {
    return { state: 'broken', why: messageOf(error) }
  }
}

/** The key first: a crash in between leaves a key without a certificate, which `readPair` finds. */
export async function writePair(path: string, { cert, key }: CertifiedKey): Promise<void> {
  await writeWhole(`${path}.key`, key, 0o600)
  await writeWhole(`${path}.crt`, cert, 0o644)
}

/** Renames what is there to `PATH.crt.unusable` and `PATH.key.unusable`. */
export async function setAside(path: string): Promise<void> {
  for (const file of [`${path}.crt`, `${path}.key`]) {
    await ignoreAbsence(rename(file, `${file}.unusable`))
  }
}

function readIfThere(file: string): Promise<string | undefined> {
  return ignoreAbsence(readFile(file, 'utf8'))
}

async function ignoreAbsence<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

/** Nobody sees half a file, also after a power cut: written beside, synchronised, renamed, folder synchronised. */
async function writeWhole(file: string, text: string, mode: number): Promise<void> {
  const draft = `${file}.${process.pid}.new`
  // A draft that a crash has left behind may have another mode.
  await rm(draft, { force: true })
  const handle = await open(draft, 'wx', mode)
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(draft, file)
  const folder = await open(dirname(file), 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

import { open } from 'node:fs/promises'
import { readList } from './read-list.ts'
import type { Edition, Terms } from './source.ts'

/** Reads a list from a file; what it was known to hold is the answer while the file is the same. */
export async function readFile(
  path: string,
  known: Edition | undefined,
  { limit }: Pick<Terms, 'limit'>,
  signal: AbortSignal,
): Promise<Edition> {
  const file = await open(path)
  try {
    const { ino, mtimeMs, size, isFile } = await describe(file)
    if (!isFile) throw new Error('it is no regular file')
    if (size > limit) throw new Error(`it is larger than ${limit} bytes`)
    const stamp = `${ino} ${mtimeMs} ${size}`
    if (known?.stamp === stamp) return known
    const text = await file.readFile({ encoding: 'utf8', signal })
    if (text.length > limit) throw new Error(`it is larger than ${limit} bytes`)
    return { ...(await readList(text)), stamp }
  } finally {
    await file.close()
  }
}

async function describe(file: Awaited<ReturnType<typeof open>>) {
  const stats = await file.stat()
  return { ino: stats.ino, mtimeMs: stats.mtimeMs, size: stats.size, isFile: stats.isFile() }
}

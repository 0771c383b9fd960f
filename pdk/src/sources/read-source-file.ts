import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import type { Edition, SourceTerms } from './source.ts'

/** Reads a source that is a file; what it was known to hold is the answer while the file is the same. */
export async function readSourceFile<T>(
  path: string,
  known: Edition<T> | undefined,
  { limit, read }: Pick<SourceTerms<T>, 'limit' | 'read'>,
  signal: AbortSignal,
): Promise<Edition<T>> {
  const file = await open(path)
  try {
    const { ino, mtimeMs, size, isFile } = await describe(file)
    if (!isFile) throw new Error('it is no regular file')
    if (size > limit) throw new Error(`it is larger than ${limit} bytes`)
    const stamp = `${ino} ${mtimeMs} ${size}`
    if (known?.stamp === stamp) return known
    const hash = createHash('sha256')
    const chunks: Buffer[] = []
    let length = 0
    for await (const chunk of file.createReadStream({ autoClose: false, signal })) {
      const bytes = Buffer.from(chunk)
      length += bytes.length
      // It may grow while it is read.
      if (length > limit) throw new Error(`it is larger than ${limit} bytes`)
      hash.update(bytes)
      chunks.push(bytes)
    }
    const content = await read(Buffer.concat(chunks), known?.content)
    return { content, id: hash.digest('hex'), stamp }
  } finally {
    await file.close()
  }
}

async function describe(file: Awaited<ReturnType<typeof open>>) {
  const stats = await file.stat()
  return { ino: stats.ino, mtimeMs: stats.mtimeMs, size: stats.size, isFile: stats.isFile() }
}

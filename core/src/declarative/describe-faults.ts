/** Errors of a document for people, one line each, as Kong prints them. */
export function describeFaults(faults: unknown, collection = '', indent = ''): string {
  return entriesOf(faults)
    .map(([key, fault]) => {
      const where = typeof key === 'number' ? `- in entry ${key} of '${collection}'` : `in '${key}'`
      if (typeof fault === 'string') return `${indent}${where}: ${fault}`
      return `${indent}${where}:\n${describeFaults(fault, String(key), `${indent}  `)}`
    })
    .join('\n')
}

function entriesOf(faults: unknown): readonly (readonly [string | number, unknown])[] {
  if (!Array.isArray(faults)) return Object.entries(Object(faults))
  return faults.flatMap((fault: unknown, index) => (fault === null ? [] : [[index + 1, fault]]))
}

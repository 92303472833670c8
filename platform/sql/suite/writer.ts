import process from 'node:process'
import { openPglite } from '../pglite.ts'

/** A process to be killed: writes 0, 1, 2 … and says each number once it is committed, in pairs within a transaction. */
const sql = await openPglite({ directory: String(process.argv[2]) })
await sql.script('CREATE TABLE IF NOT EXISTS written (n int PRIMARY KEY)')
for (let n = 0; ; n += 2) {
  await sql.transaction(async (tx) => {
    await tx.query('INSERT INTO written VALUES ($1)', [n])
    await tx.query('INSERT INTO written VALUES ($1)', [n + 1])
  })
  process.stdout.write(`${n + 1}\n`)
}

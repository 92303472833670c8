import process from 'node:process'

// launch.mjs FILE VISIT: runs the visit that is in the file, and prints what it has seen.
const [file, visit] = process.argv.slice(2)
const program = await import(new URL(file, import.meta.url).href)
process.stdout.write(JSON.stringify(await program.visit(JSON.parse(visit))))

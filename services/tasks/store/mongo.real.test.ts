import { scratchMongo } from '../../consumer/stores.testing.ts'
import { indexTasks, mongoTasks } from './mongo.ts'
import { taskStoreSuite } from './suite.ts'

taskStoreSuite('tasks in MongoDB', async () => {
  const { db, reader, save, drop } = scratchMongo()
  await indexTasks(db)
  return {
    store: mongoTasks(reader),
    save: (...tasks) => save('task', tasks),
    async empty() {
      await db.collection('tasks').deleteMany({})
    },
    close: drop,
  }
})

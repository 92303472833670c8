import { scratchMongo } from '../../consumer/stores.testing.ts'
import { indexTasks, mongoTasks } from './mongo.ts'
import { taskStoreSuite } from './suite.ts'

taskStoreSuite('tasks in MongoDB', async () => {
  const { db, save, drop } = scratchMongo()
  await indexTasks(db)
  return {
    store: mongoTasks(db),
    save: (...tasks) => save('task', tasks),
    async empty() {
      await db.collection('tasks').deleteMany({})
    },
    close: drop,
  }
})

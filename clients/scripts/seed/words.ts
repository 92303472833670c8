type Words = readonly [string, ...string[]]

/** First and last names go together in any pair; nine letters at most, so that a username has room for its number. */
interface Names {
  first: Words
  last: Words
}

export const latin: Names = {
  first: ['Anna', 'Boris', 'Clara', 'David', 'Elena', 'Felix', 'Greta', 'Hugo', 'Irene', 'Jonas', 'Katja', 'Leon'],
  last: [
    'Abel',
    'Brandt',
    'Conti',
    'Duval',
    'Ekman',
    'Fischer',
    'Garcia',
    'Horvat',
    'Jensen',
    'Keller',
    'Lopez',
    'Novak',
  ],
}

export const cyrillic: Names = {
  first: ['Алексей', 'Борис', 'Виктор', 'Григорий', 'Дмитрий', 'Егор', 'Илья', 'Кирилл', 'Максим', 'Никита', 'Фёдор'],
  last: ['Белов', 'Волков', 'Громов', 'Жуков', 'Зайцев', 'Ковалёв', 'Лебедев', 'Морозов', 'Орлов', 'Соколов', 'Щукин'],
}

export const projects: readonly [{ kinds: Words; places: Words }, { kinds: Words; places: Words }] = [
  {
    kinds: ['Northern', 'Old', 'Green', 'Second', 'Floating', 'Quiet', 'Upper', 'Winter'],
    places: ['Harbour', 'Bridge', 'Garden', 'Library', 'Station', 'Market', 'Observatory', 'Mill'],
  },
  {
    kinds: ['Новый', 'Старый', 'Большой', 'Тихий', 'Верхний', 'Зимний'],
    places: ['мост', 'маяк', 'сад', 'вокзал', 'музей', 'рынок'],
  },
]

export const tasks: readonly [{ verbs: Words; things: Words }, { verbs: Words; things: Words }] = [
  {
    verbs: ['Survey', 'Draw', 'Order', 'Repair', 'Paint', 'Test', 'Move', 'Measure', 'Clean', 'Replace', 'Document'],
    things: [
      'the roof',
      'the lanterns',
      'both doors',
      'the cable',
      'the pump',
      'the signs',
      'the east wall',
      'the stairs',
    ],
  },
  {
    verbs: ['Проверить', 'Починить', 'Покрасить', 'Измерить', 'Заказать', 'Заменить', 'Описать'],
    things: ['крышу', 'двери', 'насос', 'лестницу', 'ёлку у входа', 'вывеску', 'кабель'],
  },
]

export const labels: Words = ['field', 'power', 'design', 'safety', 'wood', 'paperwork', 'neighbours', 'срочно']

# ActiveRecord: migrations, models with PostgreSQL's types, associations, transactions, the schema dumper, errors.
require 'active_record'
require 'stringio'

puts "version: #{ActiveRecord.version}"
ActiveRecord::Base.establish_connection(adapter: 'postgresql', host: ENV['PGHOST'], port: ENV['PGPORT'], username: ENV['PGUSER'], database: ENV['PGDATABASE'], min_messages: 'warning')
db = ActiveRecord::Base.connection
ActiveRecord::Migration.verbose = false

puts '== migrations'
class MakeShop < ActiveRecord::Migration[6.1]
  def change
    enable_extension 'citext'
    create_table :authors do |t|
      t.string :name, limit: 60, null: false, index: { unique: true }
      t.citext :nick
      t.jsonb :meta, default: {}
      t.text :tags, array: true, default: []
      t.int4range :span
      t.binary :raw
      t.date :born, comment: 'a day'
      t.decimal :worth, precision: 8, scale: 2
      t.bigint :big
      t.inet :address
      t.uuid :token, default: 'gen_random_uuid()'
      t.boolean :live, default: true, null: false
      t.timestamps
    end
    create_table :books, comment: 'printed' do |t|
      t.references :author, foreign_key: { on_delete: :cascade }
      t.text :title, null: false
      t.index %i[author_id title], unique: true, name: 'one_title'
      t.check_constraint 'length(title) > 1', name: 'long_title'
    end
    add_index :authors, :meta, using: :gin
    add_index :authors, 'lower(name)', name: 'by_lower'
    add_index :authors, :worth, where: 'worth > 0', order: { worth: 'DESC NULLS LAST' }
  end
end

class Change < ActiveRecord::Migration[6.1]
  def change
    add_column :books, :price, :decimal, precision: 6, scale: 2, default: 1.5
    rename_column :authors, :worth, :value
    change_column_null :books, :price, false
    reversible { |d| d.up { change_column :books, :title, :string, limit: 100 }; d.down { change_column :books, :title, :text } }
  end
end
MakeShop.migrate(:up)
Change.migrate(:up)
Change.migrate(:down)
Change.migrate(:up)
p db.tables.sort, db.extensions.include?('citext'), db.primary_key('books')
db.columns('authors').each { |c| p [c.name, c.sql_type, c.null, c.default, c.default_function, c.comment, c.limit, c.precision, c.scale] }
db.indexes('authors').sort_by(&:name).each { |i| p [i.name, i.unique, i.columns, i.where, i.using, i.orders] }
p db.foreign_keys('books').map { |k| [k.to_table, k.column, k.name.sub(/fk_rails_\w+/, 'fk'), k.on_delete] }, db.check_constraints('books').map { |c| [c.name, c.expression] }, db.table_comment('books')
out = StringIO.new
ActiveRecord::SchemaDumper.dump(db, out)
puts out.string.lines.grep(/^ *(t\.|create_table|enable_extension|add_foreign_key)/)

puts '== models'
class Author < ActiveRecord::Base
  has_many :books, -> { order(:id) }
end

class Book < ActiveRecord::Base
  belongs_to :author
  validates :title, presence: true
end
ann = Author.create!(name: 'Ann', nick: 'AN', meta: { 'a' => [1, nil] }, tags: ['x', 'y,"z'], span: 1...5, raw: "\0\xff".b, born: Date.new(2000, 2, 29), value: 12.5, big: 2**60, address: '10.0.0.1/8')
ann.reload
p ann.id, ann.meta, ann.tags, ann.span, ann.raw.bytes, ann.born, ann.value.to_s, ann.big, ann.address.to_s, ann.token.nil?, ann.live
ann.books.create!([{ title: 'One' }, { title: 'Two', price: 20 }])
p Author.where(nick: 'an').count, Author.where("meta @> ?", { a: [1] }.to_json).count, Author.where('tags && ARRAY[?]', ['x']).pluck(:name), Author.where(born: Date.new(2000, 1, 1)..Date.new(2001, 1, 1)).count
p Author.joins(:books).group('authors.name').order('authors.name').pluck('authors.name', Arel.sql('count(*)'), Arel.sql('sum(price)')).map { |r| r.map(&:to_s) }
p Author.includes(:books).order(:id).map { |a| [a.name, a.books.map(&:title)] }, Book.average(:price).to_s, Book.where.not(price: nil).maximum(:price).to_s
ann.update!(meta: ann.meta.merge('b' => 2), tags: ann.tags + ['new'])
p Author.find(ann.id).slice(:meta, :tags), Book.where(title: 'One').update_all('price = price + 1'), Book.order(:id).pluck(:price).map(&:to_s)
p Author.insert_all([{ name: 'Bob', created_at: Time.now, updated_at: Time.now }, { name: 'Ann', created_at: Time.now, updated_at: Time.now }], returning: %w[name]).rows
p Author.upsert_all([{ name: 'Bob', big: 3, created_at: Time.now, updated_at: Time.now }], unique_by: :name, returning: %w[big]).rows
100.times { |i| Author.create!(name: "n#{i}") }
p Author.find_each(batch_size: 30).count, Author.in_batches(of: 40).map(&:count), Author.where('name LIKE ?', 'n%').delete_all, Author.exists?(name: 'Bob')

puts '== transactions and errors'
Author.transaction do
  Author.transaction(requires_new: true) { Author.create!(name: 'lost'); raise ActiveRecord::Rollback }
  p Author.where(name: 'lost').count, Author.lock('FOR UPDATE SKIP LOCKED').find_by(name: 'Bob').name
end
Author.transaction(isolation: :serializable) { p db.select_value('SHOW transaction_isolation') }
[-> { Author.create!(name: 'Ann') }, -> { Book.insert!({ title: 'xx', author_id: -1 }) }, -> { Author.create!(name: nil) }, -> { Book.create!(author: ann, title: 'x') }, -> { Author.create!(name: 'x' * 61) }, -> { db.execute('SELECT nope') }, -> { Author.create!(name: 'big', big: 2**70) }].each do |work|
  Author.transaction(requires_new: true, &work)
rescue ActiveRecord::ActiveRecordError, ActiveModel::RangeError => e
  p e.class, e.cause&.class
end
p Author.where(id: 1).explain.class, db.prepared_statements, db.database_version / 10_000, db.get_advisory_lock(7), db.release_advisory_lock(7), db.current_schema, db.schema_names.sort
db.drop_table :books
db.drop_table :authors
p db.tables

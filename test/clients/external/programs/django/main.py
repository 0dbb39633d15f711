"""Django: makemigrations and migrate of its own apps and one more, the ORM with PostgreSQL's fields, inspectdb, transactions."""
import datetime
import decimal
import io
import os
import sys
import tempfile

import django
from django.conf import settings
from django.core.management import call_command

print("version:", django.get_version())
home = tempfile.mkdtemp(dir=os.environ["SANDBOX"])
app = os.path.join(home, "shop")
os.makedirs(app)
sys.path.insert(0, home)
open(os.path.join(app, "__init__.py"), "w").close()
with open(os.path.join(app, "models.py"), "w") as file:
    file.write('''
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.fields import IntegerRangeField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models.functions import Lower
import uuid

class Author(models.Model):
    name = models.CharField(max_length=60, unique=True)
    token = models.UUIDField(default=uuid.uuid4)
    meta = models.JSONField(null=True)
    tags = ArrayField(models.TextField(), default=list)
    span = IntegerRangeField(null=True)
    raw = models.BinaryField(null=True)
    born = models.DateField(null=True, db_index=True)
    made = models.DateTimeField(auto_now_add=True)
    rest = models.DurationField(null=True)
    big = models.BigIntegerField(null=True)
    live = models.BooleanField(default=True)
    class Meta:
        indexes = [GinIndex(fields=["meta"], name="by_meta"), models.Index(Lower("name"), name="by_lower")]

class Genre(models.Model):
    name = models.CharField(max_length=20)

class Book(models.Model):
    author = models.ForeignKey(Author, on_delete=models.CASCADE, related_name="books")
    title = models.TextField(db_comment="as printed")
    price = models.DecimalField(max_digits=8, decimal_places=2, null=True)
    twice = models.GeneratedField(expression=models.F("price") * 2, output_field=models.DecimalField(max_digits=9, decimal_places=2), db_persist=True)
    genres = models.ManyToManyField(Genre)
    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["author", "title"], name="one_title"),
            models.UniqueConstraint(fields=["author"], condition=models.Q(price__lt=0), name="partial"),
            models.CheckConstraint(condition=models.Q(price__gte=-1), name="not_negative"),
        ]
''')
settings.configure(
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "django.contrib.admin", "django.contrib.sessions", "django.contrib.messages", "django.contrib.postgres", "shop"],
    DATABASES={"default": {"ENGINE": "django.db.backends.postgresql", "NAME": os.environ["PGDATABASE"], "USER": os.environ["PGUSER"], "HOST": os.environ["PGHOST"], "PORT": os.environ["PGPORT"]}},
    USE_TZ=True, DEFAULT_AUTO_FIELD="django.db.models.BigAutoField", SECRET_KEY="x", MIDDLEWARE=[],
)
django.setup()
from django.db import DatabaseError, IntegrityError, connection, transaction  # noqa: E402
from django.db.models import Avg, Count, Exists, F, OuterRef, Prefetch, Q, Subquery, Sum, Value, Window  # noqa: E402
from django.db.models.functions import Concat, ExtractYear, Rank, TruncMonth  # noqa: E402
from django.contrib.auth.models import Permission, User  # noqa: E402
from django.contrib.postgres.aggregates import ArrayAgg, JSONBAgg, StringAgg  # noqa: E402


def quiet(*command, **options):
    out = io.StringIO()
    call_command(*command, stdout=out, stderr=out, **options)
    return out.getvalue()


print("== migrate")
quiet("makemigrations", "shop", verbosity=0)
text = quiet("migrate", verbosity=1, no_color=True)
print(sum(line.rstrip().endswith("OK") for line in text.splitlines()) >= 18, "No changes" in quiet("makemigrations", "--check", "--dry-run"))
print("No migrations to apply" in quiet("migrate"), Permission.objects.count())
from shop.models import Author, Book, Genre  # noqa: E402

print("== models")
ann = Author.objects.create(
    name="Ann", meta={"a": [1, {"b": None}]}, tags=["x", 'y,"z'], span=(1, 5), raw=b"\x00\xff", born=datetime.date(2000, 2, 29), rest=datetime.timedelta(days=2, seconds=3), big=2**60
)
bob = Author.objects.create(name="Bob")
ann.refresh_from_db()
print(ann.id, ann.meta, ann.tags, ann.span, bytes(ann.raw), ann.born, ann.rest, ann.big, ann.made.tzinfo is not None)
books = Book.objects.bulk_create([Book(author=ann, title="One", price="9.50"), Book(author=ann, title="Two"), Book(author=bob, title="Three", price=20)])
crime = Genre.objects.create(name="Crime")
books[0].genres.add(crime)
print([(b.id, b.title, b.price) for b in Book.objects.order_by("id")], list(Book.objects.order_by("id").values_list("twice", flat=True)))
print(list(Author.objects.filter(meta__a__0=1, meta__has_key="a", tags__contains=["x"], span__contains=3).values_list("name", flat=True)))
print(list(Author.objects.filter(meta__a__1__b=None, name__iregex="^a").values("name")), Author.objects.filter(meta__contains={"a": [1]}).exists(), Author.objects.filter(tags__len=2).count())
print(list(Author.objects.annotate(n=Count("books"), worth=Sum("books__price")).order_by("name").values_list("name", "n", "worth")))
print(list(Author.objects.annotate(titles=ArrayAgg("books__title", ordering="books__title"), joined=StringAgg("books__title", delimiter="-", ordering="books__title")).order_by("name").values_list("titles", "joined")))
print(list(Book.objects.annotate(place=Window(Rank(), order_by=F("price").desc(nulls_last=True))).order_by("id").values_list("title", "place")))
print([(a.name, [b.title for b in a.books.all()]) for a in Author.objects.prefetch_related(Prefetch("books", Book.objects.order_by("title"))).order_by("name")])
print(list(Author.objects.filter(Exists(Book.objects.filter(author=OuterRef("pk"), price__gt=15))).values_list("name", flat=True)))
print(list(Author.objects.annotate(best=Subquery(Book.objects.filter(author=OuterRef("pk")).order_by(F("price").desc(nulls_last=True)).values("title")[:1])).order_by("name").values_list("best", flat=True)))
print(list(Book.objects.filter(Q(genres__name="Crime") | Q(title__icontains="TH")).distinct().order_by("id").values_list("title", flat=True)), Book.objects.aggregate(Avg("price")))
print(list(Author.objects.filter(born__year=2000).annotate(y=ExtractYear("born"), m=TruncMonth("born")).values_list("y", "m")), list(Author.objects.dates("born", "month")))
print(Author.objects.update_or_create(name="Bob", defaults={"live": False})[1], Author.objects.get_or_create(name="Cid")[1], Author.objects.filter(name="Cid").delete())
print(len(Author.objects.bulk_create([Author(name=f"n{i}") for i in range(250)], batch_size=100)), Author.objects.filter(name__startswith="n").update(big=F("id") * 0 + 7))
Author.objects.bulk_create([Author(name="n1", big=9)], update_conflicts=True, unique_fields=["name"], update_fields=["big"])
print(Author.objects.get(name="n1").big, sum(1 for _ in Author.objects.filter(big=7).iterator(chunk_size=50)))
print(list(Author.objects.order_by("name").values_list("name", flat=True)[1:3]), Author.objects.order_by("-id").distinct("id").count(), list(Genre.objects.none().union(Genre.objects.all())))
print(User.objects.create_user("joe", password="secret").check_password("secret"), User.objects.filter(username="joe", is_active=True).count())

print("== transactions and errors")
try:
    with transaction.atomic():
        Author.objects.all().delete()
        raise RuntimeError("undone")
except RuntimeError as error:
    print(error, Author.objects.count())
with transaction.atomic():
    try:
        with transaction.atomic():
            Author.objects.create(name="Ann")
    except IntegrityError as error:
        print(error.__cause__.sqlstate, error.__cause__.diag.constraint_name)
    print(Author.objects.select_for_update(skip_locked=True, of=("self",)).get(name="Bob").live)
for work in (lambda: Book.objects.create(author_id=-1, title="x"), lambda: Book.objects.create(author=ann, title="y", price=-5), lambda: Author.objects.create(name=None), lambda: list(Author.objects.raw("SELECT nope"))):
    try:
        with transaction.atomic():
            work()
    except DatabaseError as error:
        print(type(error).__name__, error.__cause__.sqlstate)

print("== introspection")
with connection.cursor() as cursor:
    i = connection.introspection
    print([t.name for t in sorted(i.get_table_list(cursor)) if t.name.startswith("shop_")])
    for column in i.get_table_description(cursor, "shop_author"):
        kind = i.get_field_type(column.type_code, column) if column.type_code in i.data_types_reverse else column.type_code
        print(column.name, kind, column.null_ok, column.default, column.display_size, column.precision, column.scale)
    print(i.get_relations(cursor, "shop_book"), i.get_primary_key_column(cursor, "shop_book"), i.get_sequences(cursor, "shop_book"))
    for name, constraint in sorted(i.get_constraints(cursor, "shop_author").items()):
        print({key: constraint.get(key) for key in ("columns", "primary_key", "unique", "index", "check", "type", "orders")})
text = quiet("inspectdb", "shop_book", "shop_author")
print("\n".join(line for line in text.splitlines() if " = models." in line))
print(quiet("sqlmigrate", "shop", "0001").count("CREATE TABLE"), len(quiet("dumpdata", "shop.genre")) > 10)
quiet("migrate", "shop", "zero", verbosity=0)
print([t for t in connection.introspection.table_names() if t.startswith("shop_")])

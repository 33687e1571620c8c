from servers import PostgresStore, ServerSubject, postgres_server


class Subject(ServerSubject):
    server = staticmethod(postgres_server)
    store_of = PostgresStore

from servers import ServerSubject, old_server


class Subject(ServerSubject):
    server = staticmethod(old_server)

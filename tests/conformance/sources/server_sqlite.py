from servers import ServerSubject


class Subject(ServerSubject):
    pass

"""An OAI-PMH 2.0 repository over the library (http://www.openarchives.org/OAI/openarchivesprotocol.html).

:mod:`.views` answers; :mod:`.arguments` reads requests, :mod:`.selection` finds papers, :mod:`.formats` writes them.
"""

// A program that imports Cluster has the whole library.
@_exported import Actors
@_exported import Persistence
@_exported import Transport

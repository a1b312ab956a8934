"""What all tests share: no example of a property is judged by how long it took."""

from hypothesis import HealthCheck, settings

# A machine may be busy with something else; whoever draws too much is told by the time of the test.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

"""What an installation with Docker needs from outside its containers: secrets, certificates, access to topics."""
